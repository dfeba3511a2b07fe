using Orleans.Runtime;

namespace Orleans.Invocation;

/// <summary>Carries calls to grains: in this process, or to the silo's.</summary>
internal interface IGrainCaller
{
    /// <summary>Calls a method of a grain.</summary>
    /// <param name="grainId">The grain.</param>
    /// <param name="grainInterface">The interface the reference has.</param>
    /// <param name="method">One of its methods.</param>
    /// <param name="arguments">The caller's arguments, not yet copied.</param>
    Task<object?> CallAsync(GrainId grainId, GrainInterface grainInterface, GrainMethod method, object?[] arguments);
}
