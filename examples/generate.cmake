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
foreach(row "test images" "samples, standard normal codes" "samples, codes of a Gaussian mixture"
            "samples, codes of a second stage" "the lower half" "conditional samples")
  if(NOT said MATCHES "\\| ${row} +\\| +[0-9]+\\.[0-9]+ ")
    message(FATAL_ERROR "generate says nothing of ${row}\n${said}")
  endif()
endforeach()

file(MAKE_DIRECTORY ${OUTPUT}/empty)
execute_process(COMMAND ${PROGRAM} --data ${OUTPUT}/empty --output ${OUTPUT}
                RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*no train-images[^\n]*\n$")
  message(FATAL_ERROR "generate --data without images: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
