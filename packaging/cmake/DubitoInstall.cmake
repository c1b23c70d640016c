# Programs, plugins and the relocatable SDK package (find_package(Dubito COMPONENTS PluginSdk)).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS dubito dubito-worker dubito-plugin-check RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
if(DUBITO_DESKTOP)
    install(TARGETS dubito-desktop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT desktop)
endif()
install(DIRECTORY plugins/sdk/dubito DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(FILES plugins/sdk/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/dubito-plugin-sdk COMPONENT sdk)
install(DIRECTORY plugins/template DESTINATION ${CMAKE_INSTALL_DATADIR}/dubito COMPONENT sdk)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Dubito")
configure_package_config_file(packaging/cmake/DubitoConfig.cmake.in "${CMAKE_BINARY_DIR}/DubitoConfig.cmake"
    INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/DubitoConfigVersion.cmake" VERSION 1.0.0 COMPATIBILITY
    SameMajorVersion)
install(FILES "${CMAKE_BINARY_DIR}/DubitoConfig.cmake" "${CMAKE_BINARY_DIR}/DubitoConfigVersion.cmake"
    packaging/cmake/DubitoPlugin.cmake
        DESTINATION "${package_dir}" COMPONENT sdk)
