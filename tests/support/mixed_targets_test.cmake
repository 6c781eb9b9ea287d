# Two files of one program that are compiled for two instruction sets: the program is refused when it is linked, with a
# symbol that says why. In two shared libraries with hidden symbols, each may have its own.
function(compile result)
  execute_process(COMMAND ${COMPILER} -std=c++20 -O1 -w -fPIC -pthread ${INCLUDES} ${ARGN}
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(${result} ${status} PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()
function(must_compile)
  compile(status ${ARGN})
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}:\n${output}")
  endif()
endfunction()

list(REMOVE_ITEM INCLUDES /usr/include)
list(TRANSFORM INCLUDES PREPEND -isystem)
set(target_of_first -march=native)
set(target_of_second -DEIGEN_DONT_VECTORIZE)
set(hidden -fvisibility=hidden -fvisibility-inlines-hidden)
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
# The functions that cross the border are not hidden.
set(visible "__attribute__((visibility(\"default\")))")
foreach(part first second)
  file(WRITE ${WORK_DIR}/${part}.cpp
       "${visible} double ${part}_part(const float*, long);\n#define PART ${part}_part\n#include \"${SOURCE_DIR}/part.cpp\"\n")
  must_compile(${target_of_${part}} ${hidden} -c ${WORK_DIR}/${part}.cpp -o ${WORK_DIR}/${part}.o)
  must_compile(-shared ${WORK_DIR}/${part}.o -o ${WORK_DIR}/lib${part}.so)
endforeach()

compile(status ${SOURCE_DIR}/main.cpp ${WORK_DIR}/first.o ${WORK_DIR}/second.o -o ${WORK_DIR}/mixed)
if(status EQUAL 0 OR NOT output MATCHES "eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files")
  message(FATAL_ERROR "two targets in one program are not refused:\n${output}")
endif()

must_compile(${SOURCE_DIR}/main.cpp ${WORK_DIR}/libfirst.so ${WORK_DIR}/libsecond.so -Wl,-rpath,${WORK_DIR}
             -o ${WORK_DIR}/libraries)
execute_process(COMMAND ${WORK_DIR}/libraries COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
