# anomaly_detector on tables of every kind of file, and what it says of those that it cannot use.
#
#     cmake -DPROGRAM=anomaly_detector -DDATA=examples/data -DOUTPUT=DIRECTORY -P anomaly_detector.cmake

file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})
set(train --train ${DATA}/pump-train.csv --label-column last)

# run(<what it says must match> <arguments>...)
function(run pattern)
  execute_process(COMMAND ${PROGRAM} ${ARGN} --output ${OUTPUT} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT status EQUAL 0 OR NOT said MATCHES "${pattern}")
    message(FATAL_ERROR "anomaly_detector ${ARGN}: exit status ${status}, expected 0 and ${pattern}\n${said}")
  endif()
endfunction()

# One line, `error: ...`, and exit status 1.
function(refuses pattern)
  execute_process(COMMAND ${PROGRAM} ${ARGN} --output ${OUTPUT} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
  if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*${pattern}[^\n]*\n$")
    message(FATAL_ERROR "anomaly_detector ${ARGN}: exit status ${status}, expected 1 and one line with ${pattern}\n${complaint}")
  endif()
endfunction()

function(expect_lines file count first)
  file(STRINGS ${OUTPUT}/${file} lines)
  list(LENGTH lines actual)
  list(GET lines 0 header)
  if(NOT actual EQUAL count OR NOT header STREQUAL first)
    message(FATAL_ERROR "${file} has ${actual} lines and the header ${header}; expected ${count} and ${first}")
  endif()
endfunction()

run("alarms [0-9]+\n.*ROC-AUC 0\\.9" ${train} --test ${DATA}/pump-test.csv --report ${OUTPUT}/report.html)
expect_lines(scores.csv 1501 "score,p_value,alarm")
foreach(file attributions.csv histogram.png roc.png detector.safetensors report.html)
  if(NOT EXISTS ${OUTPUT}/${file})
    message(FATAL_ERROR "there is no ${file}")
  endif()
endforeach()

# Out of fold, as many as the rate of 2,000.
run("alarms 40\n.*ROC-AUC 0\\.9" ${train} --false-alarm-rate 0.02)
expect_lines(scores.csv 2001 "score,p_value,alarm")
expect_lines(attributions.csv 41 "row,load,flow,pressure,current,temperature,vibration,ambient,voltage")

# A test without labels, with a missing value, and too few rows for the rate.
file(WRITE ${OUTPUT}/few.csv "a,b,label\n1,2,0\n2,,0\n3,5,0\n4,4,1\n")
file(WRITE ${OUTPUT}/test.csv "1,2\n7,7\n")
run("4 rows to compare with give no p-value below" --train ${OUTPUT}/few.csv --test ${OUTPUT}/test.csv --label-column last)
expect_lines(scores.csv 3 "score,p_value,alarm")

file(WRITE ${OUTPUT}/text.csv "a,b\n1,x\n2,y\n")
refuses("text.csv: column b has text, such as .x." --train ${OUTPUT}/text.csv)
refuses("none.csv: .*no such file" --train ${OUTPUT}/none.csv)
refuses("score: the rows have 8 columns. expected 2" --train ${OUTPUT}/few.csv --test ${DATA}/pump-test.csv --label-column last)
refuses("few.csv: has 3 columns, none of them number 3" --train ${OUTPUT}/few.csv --label-column 3)
refuses("--label-column is lst" --train ${OUTPUT}/few.csv --label-column lst)
refuses("false_alarm_rate is 2" --train ${OUTPUT}/few.csv --false-alarm-rate 2)
file(WRITE ${OUTPUT}/broken.npz "1,2\n")
refuses("is no ZIP archive" --train ${OUTPUT}/broken.npz)
