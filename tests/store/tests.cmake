dspv_test(store_record USES store SOURCES store/test_record.c)
dspv_test(store_memory USES store SOURCES store/test_memory.c store/contract.c)

add_library(dspv_store_place STATIC store/place.c)
target_link_libraries(dspv_store_place PRIVATE dspv_flags PUBLIC dspv_store dspv_test_support)
dspv_test(store_gather LINK dspv_store_place SOURCES store/test_gather.c)
dspv_test(store_sqlite LINK dspv_store_place SOURCES store/test_sqlite.c store/contract.c)

# A disk that fails, for whoever uses a store (support/faulty.h).
add_library(dspv_faulty STATIC support/faulty.c)
target_include_directories(dspv_faulty PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(dspv_faulty PRIVATE dspv_flags PUBLIC dspv_store)
dspv_test(store_faulty LINK dspv_faulty SOURCES store/test_faulty.c store/contract.c store/numbered.c)
dspv_test(store_sqlite_kill LINK dspv_store_place SOURCES store/test_sqlite_kill.c store/numbered.c)
dspv_test(store_sqlite_damage LINK dspv_store_place SOURCES store/test_sqlite_damage.c store/numbered.c)
dspv_test(store_sqlite_rights LINK dspv_store_place SOURCES store/test_sqlite_rights.c store/elsewhere.c)
dspv_test(store_sqlite_full LINK dspv_store_place SOURCES store/test_sqlite_full.c store/elsewhere.c store/numbered.c)
dspv_test(store_sqlite_power LINK dspv_store_place SOURCES store/test_sqlite_power.c store/power.c store/numbered.c)
dspv_test(store_sqlite_memory LINK dspv_store_place SOURCES store/test_sqlite_memory.c store/numbered.c)
