using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Invocation;

/// <summary>A reference to a grain: every interface method becomes a call.</summary>
internal class GrainProxy : DispatchProxy, IGrainReference
{
    private IInternalGrainFactory _factory = null!;
    private IGrainCaller _caller = null!;
    private GrainInterface _interface = null!;

    /// <inheritdoc/>
    public GrainId GrainId { get; private set; }

    /// <inheritdoc/>
    public object Cast(Type interfaceType) => interfaceType.IsInstanceOfType(this) ? this : _factory.GetReference(interfaceType, GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainProxy other && other.GrainId == GrainId;

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}:{_interface.Type.FullName}";

    internal static object Create(IInternalGrainFactory factory, IGrainCaller caller, Type interfaceType, GrainId grainId)
    {
        var grainInterface = GrainInterface.Of(interfaceType);
        var proxy = (GrainProxy)Create(interfaceType, typeof(GrainProxy));
        proxy._factory = factory;
        proxy._caller = caller;
        proxy._interface = grainInterface;
        proxy.GrainId = grainId;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        GrainMethod method = _interface.Method(targetMethod!);
        return method.ToReturned(_caller.CallAsync(GrainId, _interface, method, args ?? []));
    }
}
