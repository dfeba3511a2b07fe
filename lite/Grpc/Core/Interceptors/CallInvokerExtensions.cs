namespace Grpc.Core.Interceptors;

/// <summary>Puts something between a client and an invoker.</summary>
public static class CallInvokerExtensions
{
    /// <summary>Passes the request headers of every call through a function.</summary>
    /// <param name="invoker">The invoker that makes the calls.</param>
    /// <param name="interceptor">Gets a call's headers, which it may change, and returns the headers to send.</param>
    /// <returns>An invoker that does so.</returns>
    public static CallInvoker Intercept(this CallInvoker invoker, Func<Metadata, Metadata> interceptor)
    {
        ArgumentNullException.ThrowIfNull(invoker);
        ArgumentNullException.ThrowIfNull(interceptor);
        return new MetadataCallInvoker(invoker, interceptor);
    }
}
