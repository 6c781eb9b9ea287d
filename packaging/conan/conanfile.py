import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class EigencoderConan(ConanFile):
    name = "eigencoder"
    description = "Autoencoders in C++20 on Eigen, header-only"
    license = "MIT"
    topics = ("autoencoder", "machine-learning", "neural-network", "eigen", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    # A component each, with the package that its headers need.
    options = {"idx": [True, False], "safetensors": [True, False], "png": [True, False], "jpeg": [True, False]}
    default_options = {"idx": False, "safetensors": False, "png": False, "jpeg": False}
    no_copy_source = True

    @property
    def project_folder(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        header = load(self, os.path.join(self.project_folder, "include", "eigencoder", "core", "version.hpp"))
        self.version = re.search(r'string_view version = "(.+)"', header)[1]

    def export_sources(self):
        for pattern in ("include/*", "LICENSE"):
            copy(self, pattern, self.project_folder, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/[>=3.4 <6]", transitive_headers=True)
        if self.options.idx:
            self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True, transitive_libs=True)
        if self.options.safetensors:
            self.requires("nlohmann_json/[>=3.9 <4]", transitive_headers=True)
        if self.options.png:
            self.requires("libpng/[>=1.6 <2]", transitive_headers=True, transitive_libs=True)
        if self.options.jpeg:
            self.requires("libjpeg-turbo/[>=2.1 <4]", transitive_headers=True, transitive_libs=True)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os == "Windows":
            raise ConanInvalidConfiguration("eigencoder needs a POSIX system")

    def package_id(self):
        self.info.settings.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.add_component("core", "eigencoder::eigencoder", ["eigen::eigen"])
        for component, requirement in (("idx", "zlib::zlib"), ("safetensors", "nlohmann_json::nlohmann_json"),
                                       ("png", "libpng::libpng"), ("jpeg", "libjpeg-turbo::libjpeg-turbo")):
            if self.options.get_safe(component):
                self.add_component(component, f"eigencoder::{component}", ["core", requirement])

    def add_component(self, name, target, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", target)
        component.bindirs = []
        component.libdirs = []
        component.requires = requires
        if name == "core" and self.settings.os in ("Linux", "FreeBSD"):
            component.system_libs = ["pthread", "m"]
