# install(), the package files for find_package(eigencoder [COMPONENTS idx safetensors png jpeg mpi]), and pkg-config.
get_property(fetched GLOBAL PROPERTY EIGENCODER_FETCHED)
list(REMOVE_ITEM fetched Catch2 benchmark CLI11)
if(fetched)
  message(STATUS "eigencoder: no install rules, as it stands on fetched packages: ${fetched}")
  return()
endif()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/eigencoder)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

install(TARGETS eigencoder eigencoder_native EXPORT eigencoder-targets)
install(EXPORT eigencoder-targets NAMESPACE eigencoder:: DESTINATION ${package_dir})
foreach(component IN LISTS EIGENCODER_COMPONENTS)
  install(TARGETS eigencoder_${component} EXPORT eigencoder-${component}-targets)
  install(EXPORT eigencoder-${component}-targets NAMESPACE eigencoder:: DESTINATION ${package_dir})
endforeach()

configure_package_config_file(cmake/eigencoder-config.cmake.in eigencoder-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(eigencoder-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/eigencoder-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/eigencoder-config-version.cmake
        DESTINATION ${package_dir})

install(FILES cmake/EigencoderModels.cmake cmake/eigencoder-model.cpp.in cmake/eigencoder-models.cpp.in
              cmake/eigencoder-models.hpp.in
        DESTINATION ${package_dir})

configure_file(cmake/eigencoder.pc.in eigencoder.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/eigencoder.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
