import jakarta.xml.ws.WebFault;
import java.lang.reflect.Method;

/** The answer to one call: what JAXB made of the request, as the reply or, where the contract has a fault, as its detail. */
final class Echo {
    private Echo() {
    }

    static Object answer(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("equals") ? proxy == args[0]
                : method.getName().equals("hashCode") ? (Object) System.identityHashCode(proxy) : "peer";
        }
        for (Class<?> exception : method.getExceptionTypes()) {
            if (exception.isAnnotationPresent(WebFault.class)) {
                Class<?> detail = exception.getMethod("getFaultInfo").getReturnType();
                throw (Throwable) exception.getConstructor(String.class, detail).newInstance("refused", args[0]);
            }
        }
        // What has the same name in both directions is a Holder, and stays in it.
        return method.getReturnType() == void.class ? null : args[0];
    }
}
