# X11: portable functions, and for the CPU at hand the levels (x11/level.h). The sources in x11/lanes are compiled for each level,
# those in x11/single for levels of one lane, with the flags of the level and no others; nothing else may have such flags.
set(x11_sources x11.c x11/layout.c x11/levels.c x11/blake.c x11/bmw.c x11/groestl.c x11/skein.c x11/jh.c x11/keccak.c x11/luffa.c
  x11/cubehash.c x11/shavite.c x11/simd.c x11/echo.c)
set(x11_lanes lanes/blake lanes/skein lanes/cubehash lanes/jh lanes/luffa lanes/keccak lanes/bmw lanes/simd)
set(x11_blocks lanes/echo lanes/groestl) # on AES blocks, a single header's as well
set(x11_chains lanes/shavite)            # on nothing but AES blocks: for them the size of a vector is that of the AES instructions
set(x11_single single/jh single/luffa single/cubehash single/simd)

# Loops of constant length must be unrolled, or words do not stay in registers: whatever is chosen for the rest.
if(NOT DASHSPV_SANITIZE AND NOT DASHSPV_FUZZ)
  set(x11_unrolled -O3)
endif()

# x11_level(NAME name VECTOR bytes GROUP headers FLAGS flags... KERNELS files...): adds to x11_objects. A level can have kernels
# with vectors of another size.
function(x11_level)
  cmake_parse_arguments(L "" "NAME;VECTOR;GROUP" "FLAGS;KERNELS" ${ARGN})
  if(L_KERNELS)
    list(TRANSFORM L_KERNELS REPLACE "(.+)" "crypto/x11/\\1.c")
    set(kernels dspv_x11_${L_NAME}_${L_VECTOR})
    add_library(${kernels} OBJECT ${L_KERNELS})
    target_include_directories(${kernels} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${kernels} PRIVATE X11_LEVEL=${L_NAME} X11_VECTOR=${L_VECTOR} X11_GROUP=${L_GROUP})
    target_compile_options(${kernels} PRIVATE ${L_FLAGS} $<$<CONFIG:RelWithDebInfo,MinSizeRel,>:${x11_unrolled}>)
    target_link_libraries(${kernels} PRIVATE dspv_flags)
    set(x11_objects ${x11_objects} $<TARGET_OBJECTS:${kernels}> PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(x11_definitions X11_X86)
  set(x11_avx512 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vbmi -maes -mvaes -mgfni)
  x11_level(NAME sse VECTOR 16 GROUP 1 FLAGS -msse4.1 -maes KERNELS ${x11_single} ${x11_blocks} ${x11_chains})
  x11_level(NAME avx512vl VECTOR 16 GROUP 1 KERNELS ${x11_single} ${x11_blocks} ${x11_chains}
    FLAGS ${x11_avx512})
  x11_level(NAME avx2 VECTOR 32 GROUP 8 FLAGS -mavx2 -maes KERNELS ${x11_lanes} ${x11_blocks})
  x11_level(NAME avx2 VECTOR 16 GROUP 8 FLAGS -mavx2 -maes KERNELS ${x11_chains})
  x11_level(NAME vaes256 VECTOR 32 GROUP 8 FLAGS -mavx2 -maes -mvaes -mgfni
    KERNELS ${x11_lanes} ${x11_blocks} ${x11_chains})
  x11_level(NAME avx512 VECTOR 64 GROUP 16 KERNELS ${x11_lanes} ${x11_blocks} ${x11_chains}
    FLAGS ${x11_avx512})
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(x11_definitions X11_NEON)
  x11_level(NAME neon VECTOR 16 GROUP 4 FLAGS -march=armv8-a+crypto KERNELS ${x11_lanes} ${x11_blocks} ${x11_chains})
endif()

# SHA-256 in lanes: the kernel has its own flags.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(sha256_definitions SHA256_X86)
  set(sha256_kernels sha256_avx512.c)
  set_source_files_properties(crypto/sha256_avx512.c PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bw")
endif()

# Points of G1 in bulk: the same operations over one field for each kind of CPU.
function(bls_level name field)
  add_library(dspv_bls_${name} OBJECT crypto/bls/lanes_kernel.c)
  target_include_directories(dspv_bls_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_compile_definitions(dspv_bls_${name} PRIVATE BLS_LEVEL=${name} BLS_FIELD="crypto/bls/${field}")
  target_compile_options(dspv_bls_${name} PRIVATE ${ARGN})
  target_link_libraries(dspv_bls_${name} PRIVATE dspv_flags dspv_blst)
  set(bls_objects ${bls_objects} $<TARGET_OBJECTS:dspv_bls_${name}> PARENT_SCOPE)
endfunction()

bls_level(portable field_blst.h)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(bls_definitions BLS_IFMA)
  bls_level(ifma field_ifma.h -mavx512f -mavx512ifma)
endif()

dspv_folder(crypto USES base LINK dspv_blst
  SOURCES sha256.c sha256_many.c ${sha256_kernels} merkle.c merkle_tree.c rng.c sha3.c ${x11_sources}
          bls/encoding.c bls/legacy_hash.c bls/verify.c bls/keys.c bls/lanes.c bls/sums.c bls/aggregate.c bls/batch.c)
target_sources(dspv_crypto PRIVATE ${x11_objects} ${bls_objects})
target_compile_definitions(dspv_crypto PRIVATE ${x11_definitions} ${sha256_definitions} ${bls_definitions})

# Making signatures: for tests and benches, no part of the shipped library (a client only verifies).
add_library(dspv_bls_sign STATIC crypto/bls/sign.c)
target_link_libraries(dspv_bls_sign PRIVATE dspv_flags PUBLIC dspv_crypto)
