using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Invocation;

/// <summary>A method of a grain interface: how to call it, and how its arguments and result are copied and sent.</summary>
internal sealed class GrainMethod
{
    private readonly MethodInvoker _invoker;
    private readonly ResultShape _shape;
    private readonly int _parameterCount;
    private readonly int _tokenIndex;
    private readonly bool[] _shared;
    private readonly ValueCodec[] _argumentCodecs;
    private readonly ValueCodec? _resultCodec;

    /// <summary>Examines a method.</summary>
    /// <exception cref="NotSupportedException">Grains can not have such a method.</exception>
    /// <exception cref="CodecNotFoundException">The type of a parameter or of the result can not be sent.</exception>
    internal GrainMethod(MethodInfo method)
    {
        _shape = ResultShape.Of(method.ReturnType) ?? throw Refused(
            method, $"returns '{method.ReturnType}'", "return Task, Task<T>, ValueTask or ValueTask<T>");
        ParameterInfo[] parameters = method.GetParameters();
        if (method.IsGenericMethod || parameters.Any(parameter => parameter.ParameterType.IsByRef))
        {
            throw Refused(method, "has type parameters or parameters by reference", "take plain parameters");
        }

        Info = method;
        Key = $"{method.Name}({string.Join(',', parameters.Select(parameter => parameter.ParameterType.ToString()))})";
        IsAlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        _invoker = MethodInvoker.Create(method);
        _parameterCount = parameters.Length;
        _tokenIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        ParameterInfo[] sent = [.. parameters.Where(parameter => parameter.ParameterType != typeof(CancellationToken))];
        if (parameters.Length - sent.Length > 1)
        {
            throw Refused(method, "has several cancellation tokens", "take one");
        }

        _shared = [.. sent.Select(parameter => parameter.IsDefined(typeof(ImmutableAttribute)))];
        _argumentCodecs = [.. sent.Select(parameter => CodecProvider.Get(parameter.ParameterType))];
        _resultCodec = _shape.ResultType is null ? null : CodecProvider.Get(_shape.ResultType);
    }

    /// <summary>The interface's method.</summary>
    internal MethodInfo Info { get; }

    /// <summary>Name and parameter types, the method's name on the network.</summary>
    internal string Key { get; }

    internal bool IsAlwaysInterleave { get; }

    internal bool IsReadOnly { get; }

    internal TimeSpan? ResponseTimeout { get; }

    internal bool IsCancellable => _tokenIndex >= 0;

    /// <summary>The token among a caller's arguments.</summary>
    internal CancellationToken TokenOf(object?[] arguments) => IsCancellable ? (CancellationToken)arguments[_tokenIndex]! : default;

    /// <summary>The arguments without the token, copied.</summary>
    internal object?[] CopyArguments(object?[] arguments)
    {
        object?[] values = WithoutToken(arguments);
        ValueCodec[] codecs = _argumentCodecs;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _shared[i] ? values[i] : codecs[i].CopyObject(values[i], 0);
        }

        return values;
    }

    internal byte[] WriteArguments(object?[] arguments) => Payload.Write(_argumentCodecs, WithoutToken(arguments));

    internal object?[] ReadArguments(ReadOnlySpan<byte> bytes) => Payload.Read(_argumentCodecs, bytes);

    internal object? CopyResult(object? result) => _resultCodec?.CopyObject(result, 0);

    internal byte[] WriteResult(object? result) => _resultCodec is { } codec ? Payload.Write([codec], [result]) : [];

    internal object? ReadResult(ReadOnlySpan<byte> bytes) => _resultCodec is { } codec ? Payload.Read([codec], bytes)[0] : null;

    /// <summary>Calls the grain with arguments that have no token, and this token.</summary>
    internal Task<object?> InvokeAsync(object grain, object?[] values, CancellationToken token)
    {
        object?[] arguments = new object?[_parameterCount];
        for (int i = 0, value = 0; i < arguments.Length; i++)
        {
            arguments[i] = i == _tokenIndex ? token : values[value++];
        }

        return _shape.ToObject(_invoker.Invoke(grain, arguments.AsSpan()));
    }

    internal object ToReturned(Task<object?> answer) => _shape.ToReturned(answer);

    private static NotSupportedException Refused(MethodInfo method, string found, string allowed) => new(
        $"Method '{method.DeclaringType}.{method.Name}' of a grain interface {found}; methods of grain interfaces {allowed}.");

    private object?[] WithoutToken(object?[] arguments) =>
        IsCancellable ? [.. arguments[.._tokenIndex], .. arguments[(_tokenIndex + 1)..]] : [.. arguments];
}
