# What comes with an installed program, made by the program itself, and Debian packages: `cpack` in the build folder
# makes kilm (program, manual page, completions) and libkilm-dev (the framework).
set(made ${PROJECT_BINARY_DIR}/documents)
file(MAKE_DIRECTORY ${made})
add_custom_command(
  TARGET kilm POST_BUILD
  COMMAND kilm manual > ${made}/kilm.1
  COMMAND kilm completion bash > ${made}/kilm.bash
  COMMAND kilm completion zsh > ${made}/_kilm
  COMMAND kilm completion fish > ${made}/kilm.fish
  BYPRODUCTS ${made}/kilm.1 ${made}/kilm.bash ${made}/_kilm ${made}/kilm.fish
  VERBATIM)

install(FILES ${made}/kilm.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${made}/kilm.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME kilm
        COMPONENT program)
install(FILES ${made}/_kilm DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
install(FILES ${made}/kilm.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/kilm RENAME copyright COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libkilm-dev RENAME copyright COMPONENT framework)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kilm)
set(CPACK_PACKAGE_CONTACT "The KILM developers <kilm@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program framework)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "knowledge injection into encoder-decoder language models
Turns Wikipedia dumps into training data, trains BART to know what its texts mention, and asks, scores, inspects and
converts such models.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME kilm)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)

set(CPACK_COMPONENT_FRAMEWORK_DESCRIPTION "deep learning framework in C++20
Tensors, autograd, modules and optimizers as static libraries with headers and a CMake package.")
set(CPACK_DEBIAN_FRAMEWORK_PACKAGE_NAME libkilm-dev)
set(CPACK_DEBIAN_FRAMEWORK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_FRAMEWORK_PACKAGE_DEPENDS
    "g++, libfmt-dev, libxxhash-dev, nlohmann-json3-dev, pkg-config, zlib1g-dev")
include(CPack)
