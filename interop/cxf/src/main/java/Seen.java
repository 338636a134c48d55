import jakarta.activation.DataHandler;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Method;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.cxf.binding.soap.SoapMessage;
import org.apache.cxf.headers.Header;
import org.apache.cxf.phase.PhaseInterceptorChain;
import org.apache.cxf.transport.http.AbstractHTTPDestination;
import org.w3c.dom.Element;

/** The answer to one call: who called, and what came with the request, a line for each. */
final class Seen {
    private Seen() {
    }

    static Object answer(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("equals") ? proxy == args[0]
                : method.getName().equals("hashCode") ? (Object) System.identityHashCode(proxy) : "peer";
        }
        List<String> lines = new ArrayList<>();
        SoapMessage message = (SoapMessage) PhaseInterceptorChain.getCurrentMessage();
        HttpServletRequest http = (HttpServletRequest) message.get(AbstractHTTPDestination.HTTP_REQUEST);
        lines.add("user " + http.getRemoteUser());
        if (http.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain) {
            lines.add("certificate " + chain[0].getSubjectX500Principal());
        }
        for (String name : Collections.list(http.getHeaderNames())) {
            if (!name.equalsIgnoreCase("Authorization")) {
                lines.add("http " + name.toLowerCase() + ": " + http.getHeader(name));
            }
        }
        for (Header header : message.getHeaders()) {
            lines.add("soap " + header.getName() + ": " + ((Element) header.getObject()).getTextContent());
        }
        for (Method getter : args[0].getClass().getMethods()) {
            if (getter.getName().equals("getWord")) {
                lines.add("word " + getter.invoke(args[0]));
            } else if (getter.getName().equals("getContent")) {
                lines.add("content " + Stream.summary((DataHandler) getter.invoke(args[0])));
            }
        }
        Object reply = method.getReturnType().getConstructor().newInstance();
        @SuppressWarnings("unchecked")
        List<String> line = (List<String>) reply.getClass().getMethod("getLine").invoke(reply);
        line.addAll(lines);
        return reply;
    }
}
