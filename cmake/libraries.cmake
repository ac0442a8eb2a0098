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
find_package(pugixml REQUIRED)
find_package(spdlog REQUIRED)

# Asio is compiled once (src/async/asio.cpp) and only declared elsewhere.
add_library(tango_asio_headers INTERFACE)
target_compile_definitions(tango_asio_headers INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
                                                BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(tango_asio_headers INTERFACE Boost::headers Threads::Threads)

# Most of what the compiler reads is Asio: it is read once for what is optimised, and once for tests
# (which set TANGO_UNOPTIMISED), and comes from there to whoever links tango_asio_headers.
define_property(TARGET PROPERTY TANGO_UNOPTIMISED INITIALIZE_FROM_VARIABLE TANGO_UNOPTIMISED)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  foreach(kind optimised unoptimised)
    add_library(tango_read_${kind} OBJECT ${PROJECT_SOURCE_DIR}/cmake/read_once.cpp)
    target_link_libraries(tango_read_${kind} PRIVATE Boost::headers Threads::Threads)
    target_compile_definitions(tango_read_${kind}
      PRIVATE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
    target_precompile_headers(tango_read_${kind} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/read_once.hpp)
    set(read_${kind} ${CMAKE_BINARY_DIR}/CMakeFiles/tango_read_${kind}.dir/cmake_pch.hxx.pch)
    list(APPEND read_objects $<TARGET_OBJECTS:tango_read_${kind}>)
  endforeach()
  # Through a custom target: what depends on one of libraries is compiled beside it.
  add_custom_target(tango_read_once DEPENDS ${read_objects})
  add_dependencies(tango_asio_headers tango_read_once)
  target_compile_options(tango_read_unoptimised PRIVATE -O0)
  set(is_test $<BOOL:$<TARGET_PROPERTY:TANGO_UNOPTIMISED>>)
  target_compile_options(tango_asio_headers INTERFACE
    "SHELL:-include-pch $<IF:${is_test},${read_unoptimised},${read_optimised}>")
endif()
