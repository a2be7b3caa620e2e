set(CRYPTO_SOURCES sha256.c merkle.c rng.c)
include(${CMAKE_CURRENT_SOURCE_DIR}/crypto/x11.cmake OPTIONAL)
include(${CMAKE_CURRENT_SOURCE_DIR}/crypto/bls.cmake OPTIONAL)
dspv_folder(crypto USES base LINK dspv_blst SOURCES ${CRYPTO_SOURCES})
