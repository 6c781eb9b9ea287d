# feature_learning with few steps: what it says, and what it refuses.
#
#     cmake -DPROGRAM=feature_learning -DDATA=examples/data -DOUTPUT=DIRECTORY -P feature_learning.cmake

include(${CMAKE_CURRENT_LIST_DIR}/support/program.cmake)

run(--data ${DATA} --labels 50 --seeds 2 --epochs 1 --steps 10)
if(NOT said MATCHES "\n\\| 50 \\| [^\n]*\\|\n\\| 5000 \\| [^\n]*\\|\n$")
  message(FATAL_ERROR "feature_learning says nothing of 50 and 5000 labels\n${said}")
endif()

execute_process(COMMAND ${PROGRAM} --data ${DATA} --labels 5 --epochs 1 RESULT_VARIABLE status OUTPUT_QUIET
                ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "\nerror: start_fine_tuning: there are labels of [0-9] classes; expected 10\n$")
  message(FATAL_ERROR "feature_learning with 5 labels: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
refuses("none" --data ${DATA}/none)
