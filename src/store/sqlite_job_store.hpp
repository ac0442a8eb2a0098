// The job store in an SQLite file (write-ahead log, synchronous=FULL). One thread writes, another
// reads; schema.sql has the tables, writer.hpp how commits are shared.
#pragma once

#include <filesystem>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.hpp"
#include "store/job_store.hpp"

namespace tango::store {

class SqliteJobStore {
 public:
  /// Opens `file`, or makes it (mode 0600) in a folder that exists; an older version's is brought
  /// to this one. `executor` is that of the service's thread; its context outlives the store. The
  /// store's destructor does what it was asked before, and returns when that is on the disk.
  ///
  /// One process at a time has it open: that is the caller's to see to. kUnsupported: a newer
  /// service has written the file; kInvalid: it is no job store. Each error names the file.
  ///
  /// A write is committed, and a read begins, in the order of the calls; a read does not wait for
  /// the writes that are still under way.
  static Result<std::unique_ptr<JobStore>> open(const boost::asio::any_io_executor& executor,
                                                const std::filesystem::path& file);
};

}  // namespace tango::store
