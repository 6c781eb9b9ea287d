# generate after one epoch: all pictures and figures are there; and what it says of data that it cannot use.
#
#     cmake -DPROGRAM=generate -DDATA=examples/data -DOUTPUT=DIRECTORY -P generate.cmake

file(REMOVE_RECURSE ${OUTPUT})

execute_process(COMMAND ${PROGRAM} --data ${DATA} --epochs 1 --output ${OUTPUT}
                RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE progress)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "generate: exit status ${status}\n${said}${progress}")
endif()
foreach(picture samples_standard samples_mixture samples_two_stage classes interpolations traversals painted)
  if(NOT EXISTS ${OUTPUT}/${picture}.png)
    message(FATAL_ERROR "generate wrote no ${picture}.png")
  endif()
endforeach()
string(REGEX MATCHALL "\\| +[0-9]+\\.[0-9]+ \\|" distances "${said}")
list(LENGTH distances count)
if(NOT count EQUAL 5 OR NOT said MATCHES "asked for in [0-9.]+ % of the conditional samples")
  message(FATAL_ERROR "generate: expected five distances and an accuracy\n${said}")
endif()

file(MAKE_DIRECTORY ${OUTPUT}/empty)
execute_process(COMMAND ${PROGRAM} --data ${OUTPUT}/empty --output ${OUTPUT}
                RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*no train-images[^\n]*\n$")
  message(FATAL_ERROR "generate --data without images: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
