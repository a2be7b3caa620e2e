dspv_folder(crypto USES base LINK dspv_blst
  SOURCES sha256.c merkle.c rng.c sha3.c
          x11.c x11/blake.c x11/bmw.c x11/groestl.c x11/skein.c x11/jh.c x11/keccak.c x11/luffa.c x11/cubehash.c x11/shavite.c
          x11/simd.c x11/echo.c
          bls_encoding.c bls_legacy_hash.c bls_verify.c bls_aggregate.c bls_batch.c)

# Making signatures: for tests and benches, no part of the shipped library (a client only verifies).
add_library(dspv_bls_sign STATIC crypto/bls_sign.c)
target_link_libraries(dspv_bls_sign PRIVATE dspv_flags PUBLIC dspv_crypto)
