# dubito_add_plugin(NAME MANIFEST plugin.json SOURCES ... [LIBRARIES ...]): manifest and library side by side.
# This file serves the tree and, installed, every plugin author.
function(dubito_add_plugin name)
    cmake_parse_arguments(arg "" "MANIFEST" "SOURCES;LIBRARIES" ${ARGN})
    if(NOT arg_MANIFEST)
        set(arg_MANIFEST plugin.json)
    endif()
    file(READ "${CMAKE_CURRENT_SOURCE_DIR}/${arg_MANIFEST}" manifest)
    string(JSON id GET "${manifest}" id)
    string(JSON version GET "${manifest}" version)
    string(JSON binary GET "${manifest}" binary)
    if(NOT binary STREQUAL "lib${name}.so")
        message(FATAL_ERROR "${arg_MANIFEST} names ${binary}, the target makes lib${name}.so")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${arg_MANIFEST}")
    if(DUBITO_PLUGIN_OUTPUT)
        set(folder "${DUBITO_PLUGIN_OUTPUT}/${id}/${version}")
    else()
        set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
    endif()
    add_library(${name} MODULE ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE dubito::sdk ${arg_LIBRARIES})
    target_compile_definitions(${name} PRIVATE "DUBITO_PLUGIN_ID=\"${id}\"" "DUBITO_PLUGIN_VERSION=\"${version}\"")
    target_compile_features(${name} PRIVATE cxx_std_20)
    set_target_properties(${name} PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY "${folder}" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        BUILD_RPATH "\$ORIGIN" INSTALL_RPATH "\$ORIGIN" CXX_STANDARD 20 CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
    if(NOT DUBITO_SANITIZE)
        target_link_options(${name} PRIVATE -Wl,--no-undefined)
    endif()
    # A changed manifest is copied again, although no source changed.
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${arg_MANIFEST}")
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -E copy_if_different "${CMAKE_CURRENT_SOURCE_DIR}/${arg_MANIFEST}"
            "${folder}/plugin.json")
    set_target_properties(${name} PROPERTIES DUBITO_PLUGIN_FOLDER "${folder}")
    if(DUBITO_PLUGIN_FOR_TESTS)
        # Stays in the build tree.
    elseif(DUBITO_PLUGIN_OUTPUT)
        install(TARGETS ${name} LIBRARY DESTINATION "lib/dubito/plugins/${id}/${version}" COMPONENT plugins)
        install(FILES "${arg_MANIFEST}" RENAME plugin.json DESTINATION "lib/dubito/plugins/${id}/${version}" COMPONENT
            plugins)
    else()
        install(TARGETS ${name} LIBRARY DESTINATION "$ENV{HOME}/.local/share/dubito/plugins/${id}/${version}")
        install(FILES "${arg_MANIFEST}" RENAME plugin.json DESTINATION
            "$ENV{HOME}/.local/share/dubito/plugins/${id}/${version}")
        find_program(DUBITO_PLUGIN_CHECK dubito-plugin-check HINTS "${DUBITO_BIN_DIR}")
        if(DUBITO_PLUGIN_CHECK)
            enable_testing()
            add_test(NAME check_${name} COMMAND "${DUBITO_PLUGIN_CHECK}" "${folder}" --seconds 20)
        endif()
    endif()
endfunction()
