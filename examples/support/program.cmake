# What the tests of the programs have in common: they run ${PROGRAM}.

# Runs the program, which must end well; what it says goes to `said`.
function(run)
  execute_process(COMMAND ${PROGRAM} ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ${ARGN}: exit status ${status}\n${said}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

# One line, `error: ...` with the pattern in it, and exit status 1.
function(refuses pattern)
  execute_process(COMMAND ${PROGRAM} ${ARGN} RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE complaint)
  if(NOT status EQUAL 1 OR NOT complaint MATCHES "^error: [^\n]*${pattern}[^\n]*\n$")
    message(FATAL_ERROR "${PROGRAM} ${ARGN}: exit status ${status}, expected 1 and one line with ${pattern}\n${complaint}")
  endif()
endfunction()

function(expect_equal a b)
  file(SHA256 ${a} first)
  file(SHA256 ${b} second)
  if(NOT first STREQUAL second)
    message(FATAL_ERROR "${a} and ${b} differ")
  endif()
endfunction()
