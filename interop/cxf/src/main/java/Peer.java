import jakarta.xml.ws.WebEndpoint;
import jakarta.xml.ws.WebServiceClient;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.LogManager;
import javax.wsdl.Port;
import javax.xml.namespace.QName;
import org.apache.cxf.Bus;
import org.apache.cxf.BusFactory;
import org.apache.cxf.binding.soap.SOAPBindingUtil;
import org.apache.cxf.helpers.FileUtils;
import org.apache.cxf.jaxws.JaxWsServerFactoryBean;
import org.apache.cxf.tools.common.ToolContext;
import org.apache.cxf.tools.wsdlto.WSDLToJava;
import org.apache.cxf.ws.policy.PolicyEngine;
import org.apache.cxf.wsdl.WSDLManager;

/** Serves every port of the WSDLs given, through the classes that CXF's wsdl2java makes of them. */
public final class Peer {
    private final Bus bus = BusFactory.getDefaultBus();
    private final Set<String> paths = new HashSet<>();
    private final String base;

    private Peer() throws Exception {
        bus.getExtension(PolicyEngine.class).setEnabled(false); // without a WS-SecurityPolicy runtime
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
            base = "http://127.0.0.1:" + free.getLocalPort();
        }
    }

    public static void main(String[] wsdls) throws Exception {
        LogManager.getLogManager().reset(); // CXF's log would quote payload
        URL.setURLStreamHandlerFactory(protocol -> protocol.startsWith("http") ? new NoNetwork() : null);
        Path work = Files.createTempDirectory("cxf-peer");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtils.removeDir(work.toFile())));
        int status = 1;
        try {
            Peer peer = new Peer();
            for (int i = 0; i < wsdls.length; i++) {
                peer.serve(new File(wsdls[i]).toURI().toString(), work.resolve(String.valueOf(i)));
            }
            System.out.println("SERVING");
            while (System.in.read() >= 0) {
                // until whoever started this peer closes its standard input
            }
            status = 0;
        } catch (Exception e) {
            e.printStackTrace();
        }
        System.exit(status); // Jetty's threads would keep it alive
    }

    private void serve(String wsdl, Path dir) throws Exception {
        Path sources = Files.createDirectories(dir.resolve("src"));
        Path classes = Files.createDirectories(dir.resolve("classes"));
        String binding = Peer.class.getResource("/binding.xml").toString();
        new WSDLToJava(new String[] {"-quiet", "-bareMethods", "-exsh", "true", "-autoNameResolution", "-b", binding,
            "-d", sources.toString(), "-compile", "-classdir", classes.toString(), wsdl}).run(new ToolContext());
        // a loader per WSDL: several contracts share packages
        ClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Peer.class.getClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        List<Path> files;
        try (var walk = Files.walk(classes)) {
            files = walk.filter(f -> f.toString().endsWith(".class")).sorted().toList();
        }
        for (Path file : files) {
            String name = classes.relativize(file).toString().replace(File.separatorChar, '.');
            Class<?> service = loader.loadClass(name.substring(0, name.length() - ".class".length()));
            WebServiceClient about = service.getAnnotation(WebServiceClient.class);
            for (Method method : about == null ? new Method[0] : service.getMethods()) {
                WebEndpoint endpoint = method.getAnnotation(WebEndpoint.class);
                if (endpoint != null && method.getParameterCount() == 0) {
                    publish(wsdl, new QName(about.targetNamespace(), about.name()), endpoint.name(), method.getReturnType());
                }
            }
        }
    }

    private void publish(String wsdl, QName service, String portName, Class<?> contract) throws Exception {
        // the contract's own path, so that a client need replace only scheme, host and port
        Port port = bus.getExtension(WSDLManager.class).getDefinition(wsdl).getService(service).getPort(portName);
        String path = new URI(SOAPBindingUtil.getSoapAddress(port.getExtensibilityElements().get(0)).getLocationURI()).getPath();
        while (!paths.add(path)) {
            path += "_";
        }
        JaxWsServerFactoryBean factory = new JaxWsServerFactoryBean();
        factory.setBus(bus);
        factory.setServiceClass(contract);
        factory.setServiceBean(Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, Answer::answer));
        factory.setWsdlURL(wsdl);
        factory.setServiceName(service);
        factory.setEndpointName(new QName(service.getNamespaceURI(), portName));
        factory.setAddress(base + path);
        factory.getProperties(true).put("schema-validation-enabled", "BOTH");
        factory.create();
        System.out.println("READY " + portName + " " + base + path);
    }

    /** An import that is not a file fails instead of being fetched. */
    private static final class NoNetwork extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            throw new IOException("not fetched: " + url);
        }
    }
}
