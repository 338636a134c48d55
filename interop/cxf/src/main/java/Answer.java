import jakarta.activation.DataHandler;
import jakarta.jws.WebParam;
import jakarta.jws.WebResult;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlSchemaType;
import jakarta.xml.ws.Holder;
import jakarta.xml.ws.WebFault;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.Duration;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;

/** The answer to one call: the response's classes, filled by the rules of README.md. */
final class Answer {
    private static final DatatypeFactory DATES = DatatypeFactory.newDefaultInstance();
    private final Map<String, List<Object>> sent = new HashMap<>(); // simple values of the request by name
    private final Deque<Class<?>> nesting = new ArrayDeque<>();
    private final List<DataHandler> streams = new ArrayList<>();
    private String faultAt;
    /** What the strings of the answer say of a stream in the request. */
    private String arrived;

    static Object answer(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("equals") ? proxy == args[0]
                : method.getName().equals("hashCode") ? (Object) System.identityHashCode(proxy) : "peer";
        }
        Answer answer = new Answer();
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            String name = parameters[i].getAnnotation(WebParam.class).name();
            answer.read(args[i] instanceof Holder<?> holder ? holder.value : args[i], name, name);
        }
        for (DataHandler stream : answer.streams) {
            answer.arrived = Stream.summary(stream);
        }
        if (answer.faultAt != null) {
            throw answer.fault(method);
        }
        answer.word("EXPIRE").ifPresent(word -> Security.end(false));
        answer.word("FORGET").ifPresent(word -> Security.end(true));
        for (int i = 0; i < parameters.length; i++) {
            if (args[i] instanceof Holder<?>) {
                @SuppressWarnings("unchecked")
                Holder<Object> holder = (Holder<Object>) args[i];
                Type type = ((ParameterizedType) parameters[i].getParameterizedType()).getActualTypeArguments()[0];
                holder.value = answer.value((Class<?>) type, parameters[i].getAnnotation(WebParam.class).name(), "dateTime", 0, 0);
            }
        }
        WebResult result = method.getAnnotation(WebResult.class);
        return result == null ? null : answer.value(method.getReturnType(), result.name(), "dateTime", 0, 0);
    }

    private Throwable fault(Method method) throws ReflectiveOperationException {
        for (Class<?> exception : method.getExceptionTypes()) {
            if (exception.isAnnotationPresent(WebFault.class)) {
                Class<?> type = exception.getMethod("getFaultInfo").getReturnType();
                Object detail = value(type, "fault", "", 0, 0);
                for (Field field : type.getDeclaredFields()) {
                    field.setAccessible(true);
                    if (name(field).equals("ErrorID")) {
                        field.set(detail, 40201);
                    } else if (name(field).equals("AltinnExtendedErrorMessage")) {
                        field.set(detail, faultAt);
                    }
                }
                return (Throwable) exception.getConstructor(String.class, type).newInstance("FAULT at " + faultAt, detail);
            }
        }
        return new IllegalStateException("FAULT at " + faultAt);
    }

    private void read(Object value, String name, String path) throws IllegalAccessException {
        if (value instanceof List<?> items) {
            for (int i = 0; i < items.size(); i++) {
                read(items.get(i), name, path + "[" + i + "]");
            }
        } else if (value != null && value.getClass().isAnnotationPresent(XmlAccessorType.class)) {
            for (Field field : value.getClass().getDeclaredFields()) {
                field.setAccessible(true);
                read(field.get(value), name(field), path + "/" + name(field));
            }
        } else if (value instanceof DataHandler stream) {
            streams.add(stream);
        } else if (value != null) {
            sent.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>()).add(value);
            if (value.equals("FAULT")) {
                faultAt = Objects.requireNonNullElse(faultAt, path);
            }
        }
    }

    /** That of the stream in the answer: `bytes:n` in a string, or an attachmentId. */
    private long length() {
        return word("bytes:").map(word -> Long.parseLong(word.substring("bytes:".length())))
            .orElseGet(() -> ((Number) sent.get("attachmentid").get(0)).longValue());
    }

    /** The first string of the request that begins so. */
    private Optional<String> word(String beginning) {
        return sent.values().stream().flatMap(List::stream).filter(String.class::isInstance).map(String.class::cast)
            .filter(value -> value.startsWith(beginning)).findFirst();
    }

    private Object value(Class<?> type, String name, String schemaType, int position, int item) throws ReflectiveOperationException {
        Class<?> boxed = MethodType.methodType(type).wrap().returnType();
        List<Object> echo = sent.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream().filter(boxed::isInstance).toList();
        int number = 100 * item + position;
        if (!echo.isEmpty()) {
            return echo.get(Math.min(Math.max(item - 1, 0), echo.size() - 1));
        } else if (type == String.class && arrived != null) {
            return arrived;
        } else if (type == DataHandler.class) {
            return Stream.of(length());
        } else if (type == String.class) {
            return name + (item > 0 ? " #" + item : "") + " <&>\"' ]]> \u00e6\u00f8\u00e5 \u20ac \ud834\udd1e\t\r\n.";
        } else if (boxed == Boolean.class) {
            return true;
        } else if (boxed == Byte.class) {
            return (byte) number;
        } else if (boxed == Short.class) {
            return (short) number;
        } else if (boxed == Integer.class) {
            return number;
        } else if (boxed == Long.class) {
            return schemaType.startsWith("unsigned") ? 4_000_000_000L + number : 5_000_000_000L + number;
        } else if (boxed == Float.class) {
            return number + 0.5f;
        } else if (boxed == Double.class) {
            return number + 0.25;
        } else if (type == BigInteger.class) {
            return BigInteger.valueOf(number);
        } else if (type == BigDecimal.class) {
            return BigDecimal.valueOf(number * 1000L + 50, 3);
        } else if (type == byte[].class) {
            return (name + " " + number + "\0\u00ff").getBytes(StandardCharsets.ISO_8859_1);
        } else if (type == UUID.class) {
            return new UUID(0x0123456789abcdefL, 0x8000000000000000L + number);
        } else if (type == QName.class) {
            return new QName("urn:peer", name, "p");
        } else if (type == Duration.class) {
            return DATES.newDuration("P1DT" + number + "M2.5S");
        } else if (type == XMLGregorianCalendar.class) {
            String date = "20" + (10 + item) + "-02-" + (10 + position % 18);
            String time = "04:05:06.789" + (item > 0 ? "Z" : "+01:00");
            return DATES.newXMLGregorianCalendar(schemaType.equals("date") ? date : schemaType.equals("time") ? time : date + "T" + time);
        } else if (type == Object.class) {
            return name;
        } else if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return constants[Math.min(1, constants.length - 1)];
        }
        return nesting.stream().filter(type::equals).count() < 2 ? fill(type, item) : null;
    }

    private Object fill(Class<?> type, int item) throws ReflectiveOperationException {
        Object bean = type.getConstructor().newInstance();
        nesting.push(type);
        int position = 0;
        for (Field field : type.getDeclaredFields()) {
            field.setAccessible(true);
            XmlSchemaType schemaType = field.getAnnotation(XmlSchemaType.class);
            String xsd = schemaType == null ? "dateTime" : schemaType.name();
            position++;
            if (field.getGenericType() instanceof ParameterizedType list) {
                List<Object> items = new ArrayList<>();
                for (int i = 1; i <= 2; i++) {
                    Object value = value((Class<?>) list.getActualTypeArguments()[0], name(field), xsd, position, i);
                    if (value != null) {
                        items.add(value);
                    }
                }
                field.set(bean, items);
            } else if (item < 2 || position % 2 > 0 || required(field)) {
                field.set(bean, value(field.getType(), name(field), xsd, position, item));
            }
        }
        nesting.pop();
        return bean;
    }

    private static boolean required(Field field) {
        XmlElement element = field.getAnnotation(XmlElement.class);
        return field.getType().isPrimitive() || element != null && element.required();
    }

    private static String name(Field field) {
        XmlElement element = field.getAnnotation(XmlElement.class);
        return element == null || element.name().equals("##default") ? field.getName() : element.name();
    }
}
