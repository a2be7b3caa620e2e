list(APPEND CRYPTO_SOURCES
  bls_encoding.c bls_legacy_hash.c bls_verify.c bls_aggregate.c bls_batch.c bls_sign.c)
