# generate after one epoch: all pictures and figures are there; and what it says of data that it cannot use.
#
#     cmake -DPROGRAM=generate -DDATA=examples/data -DOUTPUT=DIRECTORY -P generate.cmake

file(REMOVE_RECURSE ${OUTPUT})

include(${CMAKE_CURRENT_LIST_DIR}/support/program.cmake)
run(--data ${DATA} --epochs 1 --output ${OUTPUT})
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
refuses("no train-images" --data ${OUTPUT}/empty --output ${OUTPUT})
