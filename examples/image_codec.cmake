# image_codec from training to the restored images, and what it says of files that it cannot use.
#
#     cmake -DPROGRAM=image_codec -DDATA=examples/data -DOUTPUT=DIRECTORY -P image_codec.cmake

file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})
set(packed ${DATA}/t10k-images-idx3-ubyte.gz)

include(${CMAKE_CURRENT_LIST_DIR}/support/program.cmake)

foreach(kind lossy grey binary)
  run(train --data ${DATA} --output ${OUTPUT}/${kind}.safetensors --kind ${kind} --epochs 1 --report ${OUTPUT}/${kind}.html
      --checkpoint ${OUTPUT}/${kind}.checkpoint)
  if(NOT said MATCHES "\nparameters [0-9a-f]+\n$" OR NOT EXISTS ${OUTPUT}/${kind}.html)
    message(FATAL_ERROR "${kind}: no hash of the parameters, or no report\n${said}")
  endif()
  run(evaluate --data ${DATA} --model ${OUTPUT}/${kind}.safetensors --output ${OUTPUT}/${kind})
  if(NOT kind STREQUAL lossy AND NOT said MATCHES "equal bit for bit")
    message(FATAL_ERROR "${kind}: the images are not equal bit for bit\n${said}")
  endif()
endforeach()

# What goes on from the checkpoint of its end is there at once.
set(binary train --data ${DATA} --output ${OUTPUT}/resumed.safetensors --kind binary --epochs 1)
run(${binary} --checkpoint ${OUTPUT}/binary.checkpoint --resume)
expect_equal(${OUTPUT}/binary.safetensors ${OUTPUT}/resumed.safetensors)

foreach(kind lossy grey)
  set(model --model ${OUTPUT}/${kind}.safetensors)
  run(compress ${model} --input ${packed} --output ${OUTPUT}/${kind}.egc)
  run(decompress ${model} --input ${OUTPUT}/${kind}.egc --output ${OUTPUT}/${kind}.idx)
  # The restored images, an IDX file that is not packed, are as good an input as others.
  run(compress ${model} --input ${OUTPUT}/${kind}.idx --output ${OUTPUT}/again.egc)
  run(decompress ${model} --input ${OUTPUT}/again.egc --output ${OUTPUT}/again.idx)
endforeach()
expect_equal(${OUTPUT}/grey.idx ${OUTPUT}/again.idx)
expect_equal(${OUTPUT}/grey.egc ${OUTPUT}/again.egc)

set(grey --model ${OUTPUT}/grey.safetensors)
refuses("no such file" decompress ${grey} --input ${OUTPUT}/none.egc --output ${OUTPUT}/x.idx)
refuses("is no file of compressed images" decompress ${grey} --input ${packed} --output ${OUTPUT}/x.idx)
refuses("by another codec" decompress ${grey} --input ${OUTPUT}/lossy.egc --output ${OUTPUT}/x.idx)
refuses("not an IDX file" compress ${grey} --input ${OUTPUT}/grey.egc --output ${OUTPUT}/x.egc)
refuses("0 and 255 only" compress --model ${OUTPUT}/binary.safetensors --input ${packed} --output ${OUTPUT}/x.egc)
refuses("no safetensors file" compress --model ${OUTPUT}/grey.egc --input ${packed} --output ${OUTPUT}/x.egc)
if(EXISTS ${OUTPUT}/x.idx OR EXISTS ${OUTPUT}/x.egc)
  message(FATAL_ERROR "a file was written although the input was refused")
endif()
