dspv_folder(store USES base crypto LINK PkgConfig::SQLITE3
  SOURCES table.c record.c batch.c read.c memory.c problem.c lock_file.c schema.c set_aside.c salvage.c gather.c
    sqlite.c sqlite_open.c)

# schema.sql as a C string.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/store/schema.sql)
file(READ store/schema.sql SCHEMA_SQL)
string(REGEX REPLACE "\n$" "" SCHEMA_SQL "${SCHEMA_SQL}")
string(REPLACE "\\" "\\\\" SCHEMA_SQL "${SCHEMA_SQL}")
string(REPLACE "\"" "\\\"" SCHEMA_SQL "${SCHEMA_SQL}")
string(REPLACE "\n" "\\n\"\n\"" SCHEMA_SQL "${SCHEMA_SQL}")
set(SCHEMA_SQL "\"${SCHEMA_SQL}\"")
configure_file(store/schema_sql.c.in ${CMAKE_CURRENT_BINARY_DIR}/schema_sql.c @ONLY)
target_sources(dspv_store PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/schema_sql.c)
