# The source tree that this port stands in, so that a clone serves as it is. In a registry, vcpkg_from_github takes its place.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release) # header-only

# vcpkg's features are the library's components.
set(components "${FEATURES}")
list(REMOVE_ITEM components core)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        "-DEIGENCODER_COMPONENTS=${components}"
        -DEIGENCODER_FETCH=OFF
        -DEIGENCODER_TESTS=OFF
        -DEIGENCODER_EXAMPLES=OFF
        -DEIGENCODER_BENCHMARKS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/eigencoder)
vcpkg_fixup_pkgconfig()

vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
