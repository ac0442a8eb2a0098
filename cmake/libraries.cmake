# The libraries that we stand on, all of them Debian packages (see packaging/debian-packages).
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SECCOMP REQUIRED libseccomp)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
find_package(CLI11 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(spdlog REQUIRED)

# Asio is compiled once (src/async/asio.cpp) and only declared elsewhere.
add_library(tango_asio_headers INTERFACE)
target_compile_definitions(tango_asio_headers INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
                                                BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(tango_asio_headers INTERFACE Boost::headers Threads::Threads)
