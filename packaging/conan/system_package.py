from conan import ConanFile


class SystemPackage(ConanFile):
    """A package of Debian under the name that Conan's center gives it, for tests without a network."""

    package_type = "unknown"

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.includedirs = ["/usr/include/eigen3"] if self.name == "eigen" else []
        self.cpp_info.system_libs = {"zlib": ["z"], "libpng": ["png"], "libjpeg-turbo": ["jpeg"]}.get(self.name, [])
