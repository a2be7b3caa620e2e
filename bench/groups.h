/* All groups, in the order in which they run. A new one: its file into CMakeLists.txt, its name here. */
GROUP(x11)
GROUP(bls)
GROUP(growth_headers)
GROUP(header_sync)
GROUP(store)
