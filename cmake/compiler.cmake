# How every target is compiled and linked.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines without a warning. "
    "Build with clang-19 (`cmake --preset release`, or ./quickstart), or with GCC 13 or newer.")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)

# Line tables are what a backtrace needs; more would cost a third of the build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_program(CCACHE ccache)
if(CCACHE)
  # Without these it passes over whatever uses a precompiled header (libraries.cmake).
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(TANGO_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them")
if(TANGO_SANITIZE)
  add_compile_options(-fsanitize=${TANGO_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TANGO_SANITIZE})
endif()

# libFuzzer sees only what is compiled for it: all that a target calls, and not the target alone.
option(TANGO_FUZZ "Build the fuzz targets with libFuzzer" OFF)
if(TANGO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link -O1)
endif()

# A program that runs inside any image, whatever its C library: nothing is loaded at run time.
# (A sanitizer needs its shared runtime, so those builds stay dynamic.)
function(tango_static_program target)
  if(NOT TANGO_SANITIZE)
    target_link_options(${target} PRIVATE -static)
  endif()
endfunction()

# One library per folder of src/; what it may include is what it links.
function(tango_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINKS")
  add_library(tango_${name} STATIC ${ARG_SOURCES})
  target_include_directories(tango_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(tango_${name} PUBLIC ${ARG_LINKS})
endfunction()
