# denoiser from training to the denoised picture, and what it says of files that it cannot use.
#
#     cmake -DPROGRAM=denoiser -DDATA=examples/data -DOUTPUT=DIRECTORY -P denoiser.cmake

file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})

include(${CMAKE_CURRENT_LIST_DIR}/support/program.cmake)

set(training train --epochs 1 --patches 512 --batch-size 16)
set(model ${OUTPUT}/model.safetensors)
run(${training} --data ${DATA}/photographs --output ${model} --checkpoint ${OUTPUT}/checkpoint --report ${OUTPUT}/report.html)
if(NOT said MATCHES "\nparameters [0-9a-f]+\n$" OR NOT EXISTS ${OUTPUT}/report.html)
  message(FATAL_ERROR "no hash of the parameters, or no report\n${said}")
endif()
run(${training} --data ${DATA}/photographs --output ${OUTPUT}/resumed.safetensors --checkpoint ${OUTPUT}/checkpoint --resume)
expect_equal(${model} ${OUTPUT}/resumed.safetensors)

set(clean ${DATA}/camera.png)
foreach(noise gaussian salt-and-pepper masking poisson)
  if(NOT noise STREQUAL gaussian)
    set(level --level 0.3)
  endif()
  run(corrupt --input ${clean} --output ${OUTPUT}/${noise}.png --noise ${noise} ${level})
endforeach()
run(apply --model ${model} --input ${OUTPUT}/gaussian.png --output ${OUTPUT}/denoised.png --clean ${clean}
    --picture ${OUTPUT}/picture.png)
# 25 grey levels are 20.2 dB, a little more where they are clipped; whoever learns anything takes some off.
if(NOT said MATCHES "PSNR 20\\.[0-9]+ dB, denoised 2[1-9]\\.")
  message(FATAL_ERROR "the picture is no better\n${said}")
endif()
# Second shots: here, the same pictures.
run(${training} --data ${DATA}/photographs --second ${DATA}/photographs --output ${OUTPUT}/pairs.safetensors)

refuses("No such file" train --data ${DATA}/none --output ${OUTPUT}/none.safetensors)
refuses("camera.png" apply --model ${clean} --input ${clean} --output ${OUTPUT}/none.png)
refuses("denoiser.cmake" apply --model ${model} --input ${CMAKE_CURRENT_LIST_FILE} --output ${OUTPUT}/none.png)
refuses("has not the size" apply --model ${model} --input ${DATA}/photographs/grass.png --output ${OUTPUT}/none.png
        --clean ${DATA}/photographs/coffee.png)
