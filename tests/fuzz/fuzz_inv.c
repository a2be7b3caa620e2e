/* inv, getdata, notfound are canonical. */
#include "fuzz.h"
#include "wire/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct inventory list;
    dspv_fault fault;
    if (inventory_decode(data, n, &list, &fault) != 0)
        return 0;
    struct inventory_item *items = malloc((list.n + 1) * sizeof(*items));
    must(items != NULL);
    for (uint32_t i = 0; i < list.n; i++)
        items[i] = inventory_at(&list, i);
    struct writer w;
    writer_init(&w);
    inventory_encode(&w, items, list.n);
    must_equal(&w, data, n);
    free(items);
    return 0;
}
