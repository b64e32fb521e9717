# What is installed, and the Debian package: cmake --build --preset release --target package
include(GNUInstallDirs)

set(man_page ${CMAKE_BINARY_DIR}/headgate.8)
add_custom_command(OUTPUT ${man_page}.gz
                   COMMAND $<TARGET_FILE:headgate> man > ${man_page}
                   COMMAND gzip --best --no-name --force ${man_page}
                   DEPENDS headgate VERBATIM)
add_custom_target(man ALL DEPENDS ${man_page}.gz)

install(TARGETS headgate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${man_page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES conf/headgate.yaml conf/policy.yaml conf/schema.sql DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES conf/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES conf/systemd/headgate.service conf/systemd/headgate.socket DESTINATION lib/systemd/system)
install(FILES conf/systemd/headgate.sysusers DESTINATION lib/sysusers.d RENAME headgate.conf)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "multi-tenant SQL proxy for PostgreSQL clients")
set(CPACK_PACKAGE_DESCRIPTION "Headgate lets many tenants use shared databases over the PostgreSQL protocol, each as if it had a private one: every statement is parsed, restricted to the tenant's rows and proved before it is sent.")
set(CPACK_PACKAGE_CONTACT "Headgate <headgate@localhost>")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/conf/debian/postinst;${CMAKE_SOURCE_DIR}/conf/debian/postrm")
include(CPack)
