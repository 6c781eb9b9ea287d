# embedding with a few epochs: what it writes and says, and what it refuses.
#
#     cmake -DPROGRAM=embedding -DDATA=examples/data -DOUTPUT=DIRECTORY -P embedding.cmake

file(REMOVE_RECURSE ${OUTPUT})
set(few --data ${DATA} --epochs 1 --labels 20 --draws 1)

foreach(format csv npy)
  execute_process(COMMAND ${PROGRAM} ${few} --format ${format} --output ${OUTPUT}/${format}
                  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "embedding: exit status ${status}\n${complaint}")
  endif()
  foreach(name model.safetensors codes-train.${format} codes-test.${format} map.png map-pca.png)
    if(NOT EXISTS ${OUTPUT}/${format}/${name})
      message(FATAL_ERROR "embedding --format ${format} has not written ${name}")
    endif()
  endforeach()
endforeach()
if(NOT said MATCHES "\\| pixels \\| 784 \\|[^\n]*\\| 1.0000 \\| 1.0000 \\|\n")
  message(FATAL_ERROR "the pixels do not keep their own neighbours:\n${said}")
endif()

file(STRINGS ${OUTPUT}/csv/codes-test.csv lines)
list(LENGTH lines count)
list(GET lines 0 names)
if(NOT count EQUAL 1001 OR NOT names MATCHES "^h0,h1,.*,h31,label$")
  message(FATAL_ERROR "codes-test.csv has ${count} lines, the first of which is ${names}")
endif()

execute_process(COMMAND ${PROGRAM} --data ${OUTPUT}/none --output ${OUTPUT} RESULT_VARIABLE status
                OUTPUT_QUIET ERROR_VARIABLE complaint)
if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*none[^\n]*\n$")
  message(FATAL_ERROR "embedding of no data: exit status ${status}, expected 1 and one line\n${complaint}")
endif()
