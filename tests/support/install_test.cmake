# Builds and runs the project of tests/install in one WAY: against an installed prefix, or with this source tree inside it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
if(WAY STREQUAL "find_package")
  run(${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${WORK_DIR}/prefix)
  set(where -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix)
else()
  set(where -DEIGENCODER_SOURCE_DIR=${PROJECT_SOURCE_DIR})
endif()
run(${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR}/tests/install -B ${WORK_DIR}/build -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_BUILD_TYPE=Debug
    "-DCMAKE_CXX_FLAGS=${FLAGS}" ${where})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer ${WORK_DIR}/model.safetensors)
run(${WORK_DIR}/build/light ${WORK_DIR}/pump.safetensors)
