/* What both services are: a loop on 127.0.0.1 that ends with the standard input. */

#include <stdsoap2.h>

/* Serves until the standard input closes. `port` is the wsdl:port. Gives an exit status. */
int serve(struct soap *soap, const char *port);
