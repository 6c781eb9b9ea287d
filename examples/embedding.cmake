# embedding with a few epochs: what it writes and says, and what it refuses.
#
#     cmake -DPROGRAM=embedding -DDATA=examples/data -DOUTPUT=DIRECTORY -P embedding.cmake

include(${CMAKE_CURRENT_LIST_DIR}/support/program.cmake)

file(REMOVE_RECURSE ${OUTPUT})
set(few --data ${DATA} --epochs 1 --labels 20 --draws 1)

foreach(format csv npy)
  run(${few} --format ${format} --output ${OUTPUT}/${format})
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

refuses("none" --data ${OUTPUT}/none --output ${OUTPUT})
