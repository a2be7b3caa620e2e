list(APPEND CRYPTO_SOURCES x11.c sha3.c x11/blake.c x11/bmw.c x11/groestl.c x11/skein.c x11/jh.c x11/keccak.c x11/luffa.c
  x11/cubehash.c x11/shavite.c x11/simd.c x11/echo.c)
