# feature_learning with few steps: what it says, and what it refuses.
#
#     cmake -DPROGRAM=feature_learning -DDATA=examples/data -DOUTPUT=DIRECTORY -P feature_learning.cmake

execute_process(COMMAND ${PROGRAM} --data ${DATA} --labels 50 --seeds 2 --epochs 1 --steps 10
                RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
if(NOT status EQUAL 0 OR NOT said MATCHES "\n\\| 50 \\| [^\n]*\\|\n\\| 5000 \\| [^\n]*\\|\n$")
  message(FATAL_ERROR "feature_learning: exit status ${status}\n${said}${complaint}")
endif()

execute_process(COMMAND ${PROGRAM} --data ${DATA} --labels 5 --epochs 1 RESULT_VARIABLE status OUTPUT_QUIET
                ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "\nerror: start_fine_tuning: there are labels of [0-9] classes; expected 10\n$")
  message(FATAL_ERROR "feature_learning with 5 labels: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
execute_process(COMMAND ${PROGRAM} --data ${DATA}/none RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*none[^\n]*\n$")
  message(FATAL_ERROR "feature_learning of no data: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
