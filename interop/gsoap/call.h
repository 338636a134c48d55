/* What clients of served ports have in common. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER "1001"
#define PASSWORD "sys<&>\"'tem \xc3\xa6"
#define TEXT "served: <&> \xc3\xa6\xc3\xb8\xc3\xa5"
#define NONE 30008

/* Ends the program unless this is so. */
#define CHECK(so)                                                                                                      \
    do {                                                                                                               \
        if (!(so)) {                                                                                                   \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #so);                                           \
            soap_print_fault(soap, stderr);                                                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)
