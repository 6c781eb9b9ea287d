# Compiles against the header that scripts/amalgamate makes, and nothing else of this project: the two translation units of
# tests/amalgamation, which must link and run, and README's program (PROGRAM), whose headers stand in that header too.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}:\n${output}")
  endif()
endfunction()

function(amalgamate folder)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/amalgamate ${ARGN} OUTPUT_FILE ${folder}/eigencoder.hpp
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
list(REMOVE_ITEM INCLUDES ${PROJECT_SOURCE_DIR}/include /usr/include)
list(TRANSFORM INCLUDES PREPEND -isystem)
set(compile ${COMPILER} -std=c++20 ${flags} ${INCLUDES} -Wall -Wextra -Wconversion -Werror -pthread)

amalgamate(${WORK_DIR}/core)
set(units ${PROJECT_SOURCE_DIR}/tests/amalgamation)
run(${compile} -O1 -I${WORK_DIR}/core ${units}/main.cpp ${units}/other.cpp -o ${WORK_DIR}/main)
run(${WORK_DIR}/main)

amalgamate(${WORK_DIR}/components idx safetensors)
file(READ ${PROGRAM} program)
string(REGEX REPLACE "#include <eigencoder/[^\n]*\n" "" program "#include \"eigencoder.hpp\"\n${program}")
file(WRITE ${WORK_DIR}/components/main.cpp "${program}")
run(${compile} -fsyntax-only ${WORK_DIR}/components/main.cpp)
