# Compiles SOURCE alone. Without EXPECT it must compile without a warning; with EXPECT (a list of sentences) it must be
# refused, and the compiler must say each sentence.
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
list(REMOVE_ITEM INCLUDES "${OWN_INCLUDE}" /usr/include)
list(TRANSFORM INCLUDES PREPEND -isystem)
execute_process(COMMAND ${COMPILER} -std=c++20 ${flags} -I${OWN_INCLUDE} ${INCLUDES} -Wall -Wextra -Wconversion -Werror
                        -fsyntax-only ${SOURCE}
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)

if("${EXPECT}" STREQUAL "")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "does not compile:\n${output}")
  endif()
  return()
endif()

if(status EQUAL 0)
  message(FATAL_ERROR "compiles, but should be refused with: ${EXPECT}")
endif()
file(STRINGS ${SOURCE} one REGEX "^// at most: 1 error$")
string(REGEX MATCHALL "error: " errors "${output}")
list(LENGTH errors count)
if(one AND NOT count EQUAL 1)
  message(FATAL_ERROR "is refused with ${count} errors, not with one:\n${output}")
endif()
foreach(sentence IN LISTS EXPECT)
  string(FIND "${output}" "${sentence}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "is refused, but without the sentence \"${sentence}\":\n${output}")
  endif()
endforeach()
