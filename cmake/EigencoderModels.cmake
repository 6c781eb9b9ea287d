# eigencoder_add_model(<target> <header>... [TYPE <type>] [LOSSES <expression>...])
#
# Compiles models once, into the static library <target>, each header in a file of its own. A header defines a model type,
# <its name>::Model unless TYPE says otherwise (one header only). A program that links the library includes
# <target>/models.hpp, which needs no Eigen, and chooses by `<target>::models().make("<header's name>")` or
# `.load(<file>)`; see eigencoder/any/compiled_models.hpp. LOSSES are expressions such as "eigencoder::Huber{}", by whose
# names a training can choose; without, the mean squared error and, where outputs are within [0, 1], the cross-entropy.
#
# Files of models need the component safetensors. All files of a program need the same instruction set:
# `target_link_libraries(<target> PUBLIC eigencoder::native)` gives it to the library and to what links it.

function(eigencoder_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 model "" "TYPE" "LOSSES")
  set(headers ${model_UNPARSED_ARGUMENTS})
  list(LENGTH headers count)
  if(NOT target MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "eigencoder_add_model: the target ${target} becomes a namespace; expected letters, digits and _")
  elseif(count EQUAL 0)
    message(FATAL_ERROR "eigencoder_add_model: ${target} has no header; expected one or more, each with a model type")
  elseif(model_TYPE AND NOT count EQUAL 1)
    message(FATAL_ERROR "eigencoder_add_model: TYPE ${model_TYPE} is one type; ${target} has ${count} headers")
  elseif(NOT TARGET eigencoder::safetensors)
    message(FATAL_ERROR "eigencoder_add_model: needs the component safetensors, as in find_package(eigencoder COMPONENTS safetensors)")
  endif()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.models)
  list(JOIN model_LOSSES ", " losses)
  if(losses)
    string(PREPEND losses ", ")
  endif()
  set(sources ${folder}/models.cpp)
  set(declarations)
  set(entries)
  foreach(header IN LISTS headers)
    get_filename_component(name ${header} NAME_WE)
    if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
      message(FATAL_ERROR "eigencoder_add_model: ${header} must be called as a namespace; expected letters, digits and _")
    endif()
    get_filename_component(header ${header} ABSOLUTE)
    set(type ${name}::Model)
    if(model_TYPE)
      set(type ${model_TYPE})
    endif()
    configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/eigencoder-model.cpp.in ${folder}/${name}.cpp @ONLY)
    list(APPEND sources ${folder}/${name}.cpp)
    string(APPEND declarations "[[nodiscard]] eigencoder::AnyAutoencoder make_${name}(eigencoder::Seed seed = {})\;\n")
    list(APPEND entries "{\"${name}\", make_${name}}")
  endforeach()
  string(REPLACE "\\;" ";" declarations "${declarations}")
  list(JOIN entries ", " entries)
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/eigencoder-models.hpp.in ${folder}/include/${target}/models.hpp @ONLY)
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/eigencoder-models.cpp.in ${folder}/models.cpp @ONLY)

  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${folder}/include)
  target_link_libraries(${target} PUBLIC eigencoder::eigencoder PRIVATE eigencoder::safetensors)
endfunction()
