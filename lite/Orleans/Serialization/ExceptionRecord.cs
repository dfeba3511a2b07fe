using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Orleans.Serialization;

/// <summary>
/// An exception on the network: of the framework, or marked with <see cref="GenerateSerializerAttribute"/>. Where its assembly is not
/// loaded an <see cref="UnavailableExceptionFallbackException"/> stands for it; none is loaded because a peer named it.
/// </summary>
[GenerateSerializer]
internal sealed class ExceptionRecord
{
    [Id(0)]
    public string TypeName { get; set; } = "";

    [Id(1)]
    public string AssemblyName { get; set; } = "";

    [Id(2)]
    public string Message { get; set; } = "";

    [Id(3)]
    public string? StackTrace { get; set; }

    [Id(4)]
    public ExceptionRecord? Inner { get; set; }

    [Id(5)]
    public int Code { get; set; }

    /// <summary>Members with ids, each in the codec's format.</summary>
    [Id(6)]
    public Dictionary<uint, byte[]> Members { get; set; } = [];

    /// <summary>The record of an exception; of a <see cref="CodecNotFoundException"/> when it may not be sent.</summary>
    internal static ExceptionRecord Of(Exception exception)
    {
        Type type = exception.GetType();
        if (!MayBeSent(type))
        {
            return Of(new CodecNotFoundException($"Could not find a codec for type {type.FullName}. Its message was: {exception.Message}"));
        }

        var record = new ExceptionRecord
        {
            TypeName = type.FullName ?? type.Name,
            AssemblyName = type.Assembly.GetName().Name ?? "",
            Message = exception.Message,
            StackTrace = exception.StackTrace,
            Inner = exception.InnerException is { } inner ? Of(inner) : null,
            Code = exception.HResult,
        };
        foreach (MemberAccess member in NumberedMembers(type))
        {
            record.Members.Add(member.Id, Payload.Write([member.Codec], [member.Get(exception)]));
        }

        return record;
    }

    internal Exception ToException()
    {
        Exception? inner = Inner?.ToException();
        Type? type = Find();
        Exception exception = type is null ? new UnavailableExceptionFallbackException { ExceptionType = TypeName } : Create(type);
        MessageOf(exception) = Message;
        InnerOf(exception) = inner;
        exception.HResult = Code;
        if (StackTrace is not null)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, StackTrace);
        }

        foreach (MemberAccess member in NumberedMembers(exception.GetType()))
        {
            if (Members.TryGetValue(member.Id, out byte[]? value))
            {
                member.Set(exception, Payload.Read([member.Codec], value)[0]);
            }
        }

        return exception;
    }

    private static MemberAccess[] NumberedMembers(Type type) => IsMarked(type) ? MemberAccess.Of(type) : [];

    private static bool IsMarked(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    private static Exception Create(Type type) => (Exception)(type.GetConstructor([])?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(type));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? MessageOf(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? InnerOf(Exception exception);

    private Type? Find()
    {
        Assembly? assembly = Array.Find(
            AppDomain.CurrentDomain.GetAssemblies(), candidate => candidate.GetName().Name == AssemblyName && !candidate.IsDynamic);
        Type? type = assembly?.GetType(TypeName, throwOnError: false);
        return type is { IsAbstract: false, ContainsGenericParameters: false } && typeof(Exception).IsAssignableFrom(type)
            && MayBeSent(type)
            ? type
            : null;
    }

    private static bool MayBeSent(Type type) => IsMarked(type) || (type.Namespace is { } name
        && (name.StartsWith("System", StringComparison.Ordinal) || name.StartsWith("Microsoft", StringComparison.Ordinal)));
}
