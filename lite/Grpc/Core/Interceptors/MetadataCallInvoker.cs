namespace Grpc.Core.Interceptors;

/// <summary>Passes the request headers of every call through a function. The function gets a copy of the caller's headers.</summary>
internal sealed class MetadataCallInvoker(CallInvoker inner, Func<Metadata, Metadata> map) : ForwardingCallInvoker(inner)
{
    protected override CallOptions MapOptions(CallOptions options)
    {
        var headers = new Metadata();
        foreach (Metadata.Entry entry in options.Headers ?? Metadata.Empty)
        {
            headers.Add(entry);
        }

        return options.WithHeaders(map(headers));
    }
}
