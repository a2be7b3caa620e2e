#include "support/data.h"
int main(void) { return 0; }
